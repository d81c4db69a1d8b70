"""A simulator of AWS Elastic Disaster Recovery and its neighbours.

It speaks the wire protocols of DRS, EC2, STS, SSM, SNS, IAM and Service
Quotas on one port, checks every signature and every input, and lets job
time run at a chosen speed.  See ../README.md for the control interface.
"""
