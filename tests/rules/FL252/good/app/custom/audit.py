class Audit:
    def __init__(self):
        print("audit")
