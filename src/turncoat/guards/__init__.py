"""What may look at an attempt before it takes effect, and the session in which all attempts meet."""
