package nginx

import (
	"crypto/x509"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki/pkitest"
)

// family is a root with four CAs below it, one under the other, and a leaf of each.
type family struct {
	cas    []*pkitest.Issued // the root first
	leaves []*pkitest.Issued
}

func grow(m *pkitest.Mint, name string) family {
	f := family{cas: []*pkitest.Issued{m.Root(name)}}
	for i := 1; i <= 4; i++ {
		f.cas = append(f.cas, m.Intermediate(f.cas[i-1], name+" "+strconv.Itoa(i)))
	}
	for _, ca := range f.cas {
		f.leaves = append(f.leaves, m.Leaf(ca, host))
	}
	return f
}

// between are the CAs from the i-th up to below the root, as a client sends them.
func (f family) between(i int) []*pkitest.Issued {
	list := slices.Clone(f.cas[1 : i+1])
	slices.Reverse(list)
	return list
}

func ca(name string, list ...*pkitest.Issued) trust {
	return trust{name: name, ca: pkitest.Bundle(list...)}
}

// TestChains: chains of every length and shape against bundles of every length and shape.
func TestChains(t *testing.T) {
	now := time.Now()
	m := pkitest.New("chains", now)
	past := pkitest.NotAfter(now.Add(-time.Hour))
	old := m.With(pkitest.NotBefore(now.AddDate(-1, 0, 0)), past)
	f := grow(m, "root")
	root, c := f.cas[0], f.cas
	other := m.Root("other root")
	expired := old.Root("root")

	oldRoot, newRoot := m.Root("old root"), m.Root("new root")
	cross := m.Intermediate(oldRoot, "new root")
	crossExpired := old.Intermediate(oldRoot, "new root")
	under := m.Intermediate(newRoot, "under")
	underLeaf := m.Leaf(under, host)
	rolled := m.With(pkitest.Key("rolled")).Intermediate(root, "root") // a new key, signed with the old one
	rolledRoot := m.With(pkitest.Key("rolled")).Root("root")
	mimic := m.With(pkitest.Key("mimic"), pkitest.KeyID(root.Certificate.SubjectKeyId)).Root("root")
	selfSigned, lone := m.Leaf(nil, host), f.leaves[1]

	tight := m.With(pkitest.PathLength(1)).Root("tight")
	tight1 := m.Intermediate(tight, "tight 1")
	tight2 := m.Intermediate(tight1, "tight 2")
	bare := m.With(pkitest.NoBasicConstraints()).Root("bare")
	plain := m.With(pkitest.NoBasicConstraints()).Intermediate(root, "plain")
	notCA := m.With(pkitest.NotCA()).Intermediate(root, "not a CA")
	signsNothing := m.With(pkitest.KeyUsage(x509.KeyUsageDigitalSignature)).Intermediate(root, "signs nothing")
	forServers := m.With(pkitest.ExtKeyUsage(x509.ExtKeyUsageServerAuth)).Intermediate(root, "for servers")
	forClients := m.With(pkitest.ExtKeyUsage(x509.ExtKeyUsageClientAuth)).Root("for clients")
	anyUsage := m.With(pkitest.ExtKeyUsage(x509.ExtKeyUsageAny)).Intermediate(root, "any usage")
	falseTwin := m.With(pkitest.NotCA()).Intermediate(root, "root 1")

	trusts := []trust{
		ca("root", root), ca("root+1", c[:2]...), ca("root+1+2", c[:3]...), ca("root+1+2+3", c[:4]...), ca("root+1+2+3+4", c...),
		ca("4+3+2+1+root", c[4], c[3], c[2], c[1], root), ca("1", c[1]), ca("1+2", c[1], c[2]), ca("2", c[2]), ca("root+2", root, c[2]),
		ca("root+4", root, c[4]), ca("root+1+3", root, c[1], c[3]), ca("other", other), ca("other+root", other, root),
		ca("other+1", other, c[1]), ca("expired", expired), ca("expired+renewed", expired, root), ca("renewed+expired", root, expired),
		ca("expired+1", expired, c[1]), ca("old", oldRoot), ca("new", newRoot), ca("old+new", oldRoot, newRoot),
		ca("old+cross", oldRoot, cross), ca("cross+new+old", cross, newRoot, oldRoot), ca("new+cross+old", newRoot, cross, oldRoot),
		ca("cross+new", cross, newRoot), ca("new+cross", newRoot, cross), ca("cross+new+under", cross, newRoot, under),
		ca("old+new+cross+under", oldRoot, newRoot, cross, under), ca("old+cross+new+under", oldRoot, cross, newRoot, under),
		ca("expired cross+new+under", crossExpired, newRoot, under), ca("expired cross+old", crossExpired, oldRoot),
		ca("old+new+expired cross", oldRoot, newRoot, crossExpired), ca("old+expired cross+under", oldRoot, crossExpired, under),
		ca("rolled+root", rolled, root), ca("root+rolled", root, rolled), ca("rolled root+1", rolledRoot, c[1]),
		ca("mimic+root", mimic, root), ca("root+mimic", root, mimic), ca("mimic+1+root", mimic, c[1], root),
		ca("self-signed leaf", selfSigned), ca("CA-signed leaf", lone), ca("root+leaf", root, lone),
		ca("tight", tight), ca("tight+1", tight, tight1), ca("tight+1+2", tight, tight1, tight2),
		ca("bare", bare), ca("root+plain", root, plain), ca("root+not a CA", root, notCA), ca("root+signs nothing", root, signsNothing),
		ca("root+for servers", root, forServers), ca("for clients", forClients), ca("root+any usage", root, anyUsage),
		ca("root+false twin+1", root, falseTwin, c[1]), ca("root+1+false twin", root, c[1], falseTwin),
		ca("duplicates", root, c[1], root, c[1]),
	}
	present := func(name string, leaf *pkitest.Issued, more ...*pkitest.Issued) chain {
		return present(t, name, leaf, more...)
	}
	chains := []chain{
		present("leaf of root", f.leaves[0]), present("leaf of root+root", f.leaves[0], root),
		present("leaf of 3, upside down", f.leaves[3], c[1], c[2], c[3]), present("leaf of 3, without 2", f.leaves[3], c[3], c[1]),
		present("leaf of 2+2", f.leaves[2], c[2]), present("leaf of 2+1", f.leaves[2], c[1]),
		present("leaf of 1+stranger", f.leaves[1], other, c[1]), present("leaf of 1+expired root", f.leaves[1], c[1], expired),
		present("leaf of 1+false twin+1", f.leaves[1], falseTwin, c[1]),
		present("under", underLeaf), present("under+CA", underLeaf, under), present("under+CA+cross", underLeaf, under, cross),
		present("under+CA+expired cross", underLeaf, under, crossExpired),
		present("under+CA+expired cross+cross", underLeaf, under, crossExpired, cross),
		present("under+CA+cross+expired cross", underLeaf, under, cross, crossExpired),
		present("under+CA+cross+old", underLeaf, under, cross, oldRoot), present("under+CA+new", underLeaf, under, newRoot),
		present("self-signed", selfSigned), present("self-signed of a trusted name", m.Leaf(nil, "root"), root),
		present("expired leaf", old.Leaf(root, host)), present("leaf of the rolled key", m.Leaf(rolled, host)),
		present("leaf of the rolled key+rolled", m.Leaf(rolled, host), rolled), present("leaf of mimic", m.Leaf(mimic, host)),
		present("leaf of tight", m.Leaf(tight, host)), present("leaf of tight 1", m.Leaf(tight1, host), tight1),
		present("leaf of tight 1, alone", m.Leaf(tight1, host)), present("leaf of tight 2, alone", m.Leaf(tight2, host)),
		present("leaf of tight 2", m.Leaf(tight2, host), tight2, tight1),
		present("leaf of bare", m.Leaf(bare, host)), present("leaf of plain", m.Leaf(plain, host), plain), present("leaf of plain, alone", m.Leaf(plain, host)),
		present("leaf of not a CA", m.Leaf(notCA, host), notCA), present("leaf of not a CA, alone", m.Leaf(notCA, host)),
		present("leaf of signs nothing", m.Leaf(signsNothing, host), signsNothing),
		present("leaf of for servers", m.Leaf(forServers, host), forServers),
		present("leaf of for clients", m.Leaf(forClients, host)), present("leaf of any usage", m.Leaf(anyUsage, host), anyUsage),
		present("serverAuth", m.With(pkitest.ExtKeyUsage(x509.ExtKeyUsageServerAuth)).Leaf(root, host)),
		present("clientAuth", m.With(pkitest.ExtKeyUsage(x509.ExtKeyUsageClientAuth)).Leaf(root, host)),
		present("anyExtendedKeyUsage", m.With(pkitest.ExtKeyUsage(x509.ExtKeyUsageAny)).Leaf(root, host)),
		present("no extended key usage", m.With(pkitest.ExtKeyUsage()).Leaf(root, host)),
		present("codeSigning", m.With(pkitest.ExtKeyUsage(x509.ExtKeyUsageCodeSigning)).Leaf(root, host)),
		present("keyEncipherment", m.With(pkitest.KeyUsage(x509.KeyUsageKeyEncipherment)).Leaf(root, host)),
		present("keyCertSign", m.With(pkitest.KeyUsage(x509.KeyUsageCertSign)).Leaf(root, host)),
		present("no key usage", m.With(pkitest.KeyUsage(0)).Leaf(root, host)), present("Ed25519", m.With(pkitest.Ed25519()).Leaf(root, host)),
	}
	for i := 1; i <= 4; i++ {
		name := "leaf of " + strconv.Itoa(i)
		chains = append(chains, present(name, f.leaves[i]), present(name+"+all", f.leaves[i], f.between(i)...),
			present(name+"+all+root", f.leaves[i], append(f.between(i), root)...))
	}
	matrix{trusts: trusts, chains: chains, depths: []int{0, 1, 2, 3, 4}, level: 2}.run(t)
}
