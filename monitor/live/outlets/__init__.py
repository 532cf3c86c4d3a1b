"""Where the events of live calls go: the store, subscribers, webhooks."""
