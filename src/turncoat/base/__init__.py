"""What every room may use: errors, frozen data, strangers' text made inert."""
