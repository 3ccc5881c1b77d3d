"""flowsvc carries the promises that authorities have made each other about children and young people."""

__version__ = "0.1.0"
