"""One folder per channel: delete the folder and the channel is gone."""
