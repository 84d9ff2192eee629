"""The protocols that the sandbox speaks over HTTP, one module each."""
