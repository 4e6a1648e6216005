# METADATA
# description: What OpenSSL 3 makes of lists of ciphers.
package lib.openssl

# METADATA
# description: |
#   OpenSSL takes the list (SSL_CTX_set_cipher_list): some element selects a cipher of TLS 1.2 or below. Elements that it does
#   not know it passes over, and fails only where none is left; a sign with nothing behind it is an error. It may still
#   refuse a list that excludes all it has selected.
selects(list) if {
	not regex.match(`(^|[:,; ])[!+-]+([:,; ]|$)`, list)
	not regex.match(`[!+]$`, list)
	some element in regex.split(`[:,; ]+`, replace(list, "!", ":!"))
	regex.match(`^[A-Za-z0-9]`, element)
	every name in split(_without_command(element), "+") {
		_known(name)
	}
}

_without_command(element) := split(element, "@")[0]

# A name in full, as `openssl ciphers ALL:COMPLEMENTOFALL` lists them, or a little more. Those of TLS 1.3, with underscores,
# are set by another call.
_known(name) if regex.match(`^((ECDHE|DHE)-(ECDSA|RSA|DSS|PSK)-|(ADH|AECDH|RSA-PSK|PSK|SRP|SRP-RSA|SRP-DSS|ECDHE)-)?(AES|ARIA|CAMELLIA)-?(128|256)-[A-Z0-9-]+$`, name)

_known(name) if regex.match(`^((ECDHE|DHE)-(ECDSA|RSA|PSK)|RSA-PSK|PSK)-CHACHA20-POLY1305$`, name)

_known(name) if regex.match(`^([A-Z-]+-)?NULL-(SHA|SHA256|SHA384|MD5)$`, name)

_known(name) if name in {
	"AECDH", "ADH", "AES", "AES128", "AES256", "AESCCM", "AESCCM8", "AESGCM", "ALL", "ARIA", "ARIA128", "ARIA256", "ARIAGCM",
	"CAMELLIA", "CAMELLIA128", "CAMELLIA256", "CBC", "CHACHA20", "COMPLEMENTOFALL", "COMPLEMENTOFDEFAULT", "DEFAULT", "DH", "DHE",
	"DSS", "ECDH", "ECDHE", "ECDSA", "EDH", "EECDH", "FIPS", "HIGH", "MD5", "NULL", "PSK", "RSA", "SHA", "SHA1", "SHA256",
	"SHA384", "SRP", "SSLv3", "SUITEB128", "SUITEB128C2", "SUITEB128ONLY", "SUITEB192", "TLSv1", "TLSv1.0", "TLSv1.2", "aDSS", "aECDSA",
	"aNULL", "aPSK", "aRSA", "aSRP", "eNULL", "kDHE", "kDHEPSK", "kECDHE", "kECDHEPSK", "kEDH", "kEECDH", "kPSK", "kRSA", "kRSAPSK",
	"kSRP",
}
