"""What a mention says and how soon it needs an answer: language, sentiment, priority. Pure rules."""
