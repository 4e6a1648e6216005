package pki

import (
	"crypto/x509"
	"net"
	"strings"
)

// Covers says whether a certificate is good for a host by its subject alternative names, as everybody sees it: Go's verifier and
// OpenSSL's both. A wildcard stands for the whole left-most label and for one label only, and two labels at least follow it
// (OpenSSL refuses *.test, Go does not); case does not matter, nor a final dot of the host, which clients drop before they
// compare; an IP address is looked for among the IP addresses. The common name counts for nothing. A host that is itself a
// wildcard, as in a rule of an Ingress, is covered by the same wildcard.
func (c *Certificate) Covers(host string) bool {
	return c.coversForGo(host) && c.coversForOpenSSL(strings.TrimSuffix(host, "."), nil)
}

// CoversForController says whether ingress-nginx serves the certificate for a host that has it in spec.tls; if not, it serves its
// default certificate. Asked are Go's verifier and then, with a warning in the log, what Go did before 1.15: the common name,
// if the certificate has no DNS name (internal/ingress/controller/certificate.go verifyHostname). To choose among the Secrets
// of an Ingress none of whose tls.hosts is the host, only Go's verifier is asked: Covers is the nearest answer there.
func (c *Certificate) CoversForController(host string) bool {
	if c.coversForGo(host) {
		return true
	}
	bare := host
	if len(host) > 2 && host[0] == '[' && host[len(host)-1] == ']' {
		bare = host[1 : len(host)-1]
	}
	if net.ParseIP(bare) != nil {
		return false // said above
	}
	names := c.DNSNames
	if len(names) == 0 {
		names = []string{c.CommonName}
	}
	for _, name := range names {
		if labelsMatch(name, host) {
			return true
		}
	}
	return false
}

// CoversForNginx says whether nginx takes the certificate of an upstream for one of the name (proxy_ssl_verify on, with
// proxy_ssl_name): X509_check_host without flags, which knows DNS names, the common name where there are none, wildcards at an
// end of the left-most label (api*.shop.test), and no IP addresses.
func (c *Certificate) CoversForNginx(name string) bool {
	return c.coversForOpenSSL(name, []string{c.CommonName})
}

func (c *Certificate) coversForGo(host string) bool {
	names := &x509.Certificate{DNSNames: c.DNSNames}
	for _, address := range c.IPAddresses {
		names.IPAddresses = append(names.IPAddresses, net.ParseIP(address))
	}
	return names.VerifyHostname(host) == nil
}

// coversForOpenSSL asks the DNS names, or what stands in for them where there are none. With nothing to stand in, a host that is
// an IP address has been looked up already.
func (c *Certificate) coversForOpenSSL(host string, instead []string) bool {
	if instead == nil && net.ParseIP(strings.Trim(host, "[]")) != nil {
		return true
	}
	names := c.DNSNames
	if len(names) == 0 {
		names = instead
	}
	for _, name := range names {
		switch {
		case host == "":
		case strings.EqualFold(name, host), starMatches(name, host):
			return true
		case len(host) > 1 && host[0] == '.' && strings.HasSuffix(strings.ToLower(name), strings.ToLower(host)):
			return true // a leading dot asks for any name below
		}
	}
	return false
}

// starMatches follows valid_star and wildcard_match of OpenSSL's crypto/x509/v3_utl.c.
func starMatches(pattern, host string) bool {
	left, rest, _ := strings.Cut(pattern, ".")
	before, after, star := strings.Cut(left, "*")
	if !star || before != "" && after != "" || !strings.Contains(rest, ".") ||
		strings.HasSuffix(before, "-") || strings.HasPrefix(strings.ToLower(left), "xn--") {
		return false
	}
	for label := range strings.SplitSeq(before+"x"+after+"."+rest, ".") {
		if !isLabel(label) {
			return false
		}
	}
	label, parent, _ := strings.Cut(host, ".")
	if !strings.EqualFold(parent, rest) || len(label) < len(before)+len(after) || label == "" {
		return false
	}
	end := len(label) - len(after)
	if left != "*" && strings.HasPrefix(strings.ToLower(label[len(before):]), "xn--") {
		return false
	}
	return strings.EqualFold(label[:len(before)], before) && strings.EqualFold(label[end:], after) && isFilling(label[len(before):end])
}

// isLabel says whether OpenSSL takes a label behind the star for one: letters, digits and inner hyphens.
func isLabel(label string) bool {
	return label != "" && isFilling(label) && label[0] != '-' && label[len(label)-1] != '-'
}

// isFilling says whether a star may stand for these: letters, digits and hyphens.
func isFilling(text string) bool {
	for _, r := range text {
		if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

// labelsMatch compares label by label, where a star as the first matches any.
func labelsMatch(pattern, host string) bool {
	wanted, given := strings.Split(strings.TrimSuffix(pattern, "."), "."), strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(wanted) != len(given) || pattern == "" || pattern == "." || host == "" || host == "." {
		return false
	}
	for i := range wanted {
		if !strings.EqualFold(wanted[i], given[i]) && (i > 0 || wanted[i] != "*") {
			return false
		}
	}
	return true
}
