"""A test CA with three server certificates: good, wrong host, expired."""
import datetime
import ipaddress
import os
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_NAMES = {"tlsPort": "good", "tlsWrongHostPort": "wrong-host",
          "tlsExpiredPort": "expired"}


def ca_path(folder):
    return os.path.join(folder, "ca.pem")


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _write(path, data, mode=0o644):
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as out:
        out.write(data)


def _builder(subject, issuer, key, start, end):
    return (x509.CertificateBuilder().subject_name(_name(subject))
            .issuer_name(_name(issuer)).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start).not_valid_after(end))


def _server(folder, name, hosts, ca_key, start, end):
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName(hosts)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    cert = (_builder("drs-sim " + name, "drs-sim test CA", key, start, end)
            .add_extension(names, False).add_extension(usage, False)
            .sign(ca_key, hashes.SHA256()))
    pem = key.private_bytes(serialization.Encoding.PEM,
                            serialization.PrivateFormat.PKCS8,
                            serialization.NoEncryption())
    _write(os.path.join(folder, name + ".pem"),
           cert.public_bytes(serialization.Encoding.PEM) + pem, 0o600)


def create(folder):
    """Write ca.pem and the three servers' files into `folder`."""
    os.makedirs(folder, exist_ok=True)
    now = datetime.datetime.utcnow()
    day = datetime.timedelta(days=1)
    key = ec.generate_private_key(ec.SECP256R1())
    basic = x509.BasicConstraints(ca=True, path_length=0)
    usage = x509.KeyUsage(False, False, False, False, False, True, True,
                          False, False)
    ca = (_builder("drs-sim test CA", "drs-sim test CA", key, now - day,
                   now + 30 * day)
          .add_extension(basic, True).add_extension(usage, True)
          .sign(key, hashes.SHA256()))
    local = [x509.DNSName("localhost"),
             x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
             x509.IPAddress(ipaddress.ip_address("::1"))]
    other = [x509.DNSName("elsewhere.example.com")]
    _server(folder, "good", local, key, now - day, now + 30 * day)
    _server(folder, "wrong-host", other, key, now - day, now + 30 * day)
    _server(folder, "expired", local, key, now - 10 * day, now - day)
    _write(ca_path(folder), ca.public_bytes(serialization.Encoding.PEM))


def contexts(folder):
    """Server contexts by the name of their port in the ready line."""
    create(folder)
    out = {}
    for port, name in _NAMES.items():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(os.path.join(folder, name + ".pem"))
        out[port] = context
    return out
