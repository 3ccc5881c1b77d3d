"""The deploy check, one file per kind of question; `engine.parsing.check` asks them all."""
