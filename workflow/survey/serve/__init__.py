"""Finished results over HTTP: their files, their numbers by DAP2, and answers to queries."""
