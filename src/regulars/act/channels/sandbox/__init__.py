"""The sandbox: messages as files, nothing leaves the house."""
