"""Paging: rules say what must be known now, the rota says by whom, notifiers tell them until somebody answers."""
