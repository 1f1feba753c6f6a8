"""The ground floor towards the outside: the boundary decoder, the one outbound HTTP door, logs and metrics."""
