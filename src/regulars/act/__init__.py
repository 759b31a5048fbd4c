"""Act: messages, journeys, points and answers, all through one gate."""
