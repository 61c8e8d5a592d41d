"""What holds for all tests."""

import signal

# A shell that puts `make test` into the background has it ignore Ctrl-C, and with it each command that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
