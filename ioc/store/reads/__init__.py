"""The questions that the store answers, by what they are about; ioc/store/reader.py is their one door."""
