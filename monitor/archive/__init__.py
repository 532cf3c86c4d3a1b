"""Archives: any number of calls through a queue in the store, by several processes and machines, with nothing lost."""
