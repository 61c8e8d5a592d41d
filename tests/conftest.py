"""What holds for all tests."""

import signal

# A shell that puts `make test` into the background has it ignore Ctrl-C, and with it each command that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# So does `nohup` with a hangup. It is to end no tests; what they start does not inherit a function, and hears it.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)
