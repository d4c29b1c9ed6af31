"""Read models: disposable pictures of the logs, each effect exactly once."""
