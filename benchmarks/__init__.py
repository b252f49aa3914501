"""The measured claims; README.md here says what each program measures and against what."""
