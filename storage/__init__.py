"""Tables, queries and transitions. One file of queries per noun."""
