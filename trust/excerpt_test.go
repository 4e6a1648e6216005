package trust

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki"
)

// stocked is an inventory of some certificates, each with a user, and of as many Secrets that are not in sight. The first certificate has
// come to its end, the last one is used by most, and the last Secret is missing.
func stocked(size int) *Inventory {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	v := &Inventory{Now: now, links: map[Object][]Object{}, there: map[Object]bool{}}
	object := func(kind string, i int) Object {
		return Object{ID: kube.ID{Kind: kind, Namespace: "shop", Name: fmt.Sprintf("%s-%04d", strings.ToLower(kind), i)}}
	}
	use := func(c *Consumer, h *Holder) {
		u := &Use{Consumer: c, Holder: h, Title: "certificate", Kind: "certificate"}
		c.Uses, h.Uses = append(c.Uses, u), append(h.Uses, u)
		for _, held := range h.Certificates {
			held.Uses = append(held.Uses, u)
		}
	}
	for i := range size {
		c := &Certificate{Name: fmt.Sprintf("host-%04d", i), Certificate: &pki.Certificate{
			Hash: fmt.Sprintf("%064d", i), NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, i),
		}}
		if i == 0 {
			c.NotAfter = now.AddDate(0, 0, -1)
		}
		h := &Holder{Object: object("Secret", i), Key: "tls.crt", State: Present, Certificates: []*Certificate{c}}
		gone := &Holder{Object: object("Secret", size+i), Key: "tls.crt", State: Promised, Words: "will be created"}
		if i == size-1 {
			gone.State, gone.Words = Missing, "does not exist"
		}
		c.Holders = []*Holder{h}
		consumer := &Consumer{Object: object("Ingress", i)}
		use(consumer, h)
		use(consumer, gone)
		v.Certificates, v.Holders, v.Consumers = append(v.Certificates, c), append(v.Holders, h, gone), append(v.Consumers, consumer)
	}
	for _, consumer := range v.Consumers[:size-1] {
		use(consumer, v.Certificates[size-1].Holders[0])
	}
	return v
}

// TestExcerpt: a page of a small inventory shows all of it, that of a large one what is in trouble and what is used by most, and how much
// it leaves out.
func TestExcerpt(t *testing.T) {
	page, err := stocked(excerptRows).HTML()
	if err != nil {
		t.Fatal(err)
	}
	if rows := strings.Count(string(page), "<tr><td"); rows != 2*excerptRows {
		t.Errorf("%d rows, want %d", rows, 2*excerptRows)
	}
	if strings.Contains(string(page), "are drawn:") || strings.Contains(string(page), "tlsward trust</code> shows") {
		t.Error("something is said to be left out of what is whole")
	}

	const size = 4 * excerptRows
	v := stocked(size)
	if page, err = v.HTML(); err != nil {
		t.Fatal(err)
	}
	if rows := strings.Count(string(page), "<tr><td"); rows != 2*excerptRows {
		t.Errorf("of many: %d rows, want %d", rows, 2*excerptRows)
	}
	for _, want := range []string{
		"<td>host-0000</td>", fmt.Sprintf("<td>host-%04d</td>", size-1), fmt.Sprintf("Secret shop/secret-%04d tls.crt", 2*size-1),
		"450 other certificates and 450 other objects that are not in sight", "150 of 600 certificates and 150 of 600 consumers are drawn",
		">host-0000<",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("a page of many lacks %s", want)
		}
	}
	if len(v.Certificates) != size || len(v.Consumers) != size {
		t.Error("the inventory itself was cut")
	}
	e := v.excerpt()
	if !e.drawn.consumers[v.Consumers[size-1]] {
		t.Error("the consumer of a missing Secret is not drawn")
	}
}
