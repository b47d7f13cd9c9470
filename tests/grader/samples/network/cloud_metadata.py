# expect: error
# The address at which clouds give a machine its passwords.
import urllib.request

url = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
answer = urllib.request.urlopen(url, timeout=1).read()
print("BREACH", answer)
