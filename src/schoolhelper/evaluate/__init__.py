"""4. Exam -> results.json -> report: how good the chatbot is, told honestly."""
