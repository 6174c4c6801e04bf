class Audit:
    def __init__():
        print("audit")
