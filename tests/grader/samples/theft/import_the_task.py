# expect: error
# Imports the task.
import grader.tasks.lstm_forget_gate.task

print("BREACH")
