"""The program, as `turncoat` and as `python -m turncoat`: signals are heard before the commands are loaded."""

from turncoat.base.stopping import end_at_signals


def main() -> None:
    """Run the command line."""
    end_at_signals()
    from turncoat.cli import main as command

    command()


if __name__ == "__main__":
    main()
