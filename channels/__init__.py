"""One folder per network: manifest, client (HTTP), convert (pure), source, publisher."""
