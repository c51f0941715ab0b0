"""The web: the only place that knows FastAPI and Gradio."""
