# tests of billing
