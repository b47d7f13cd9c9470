# expect: error
import grader.tasks.lstm_forget_gate.task

print("BREACH")
