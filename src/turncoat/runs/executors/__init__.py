"""Executors: where a study's samples are run. One protocol; each is a module that is loaded when it is asked for."""
