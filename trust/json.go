package trust

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/tlsward/tlsward/report"
)

// Schema is the JSON Schema (draft 2020-12) of what WriteJSON writes.
//
//go:embed schema.json
var Schema []byte

// schemaVersion grows when a field changes its meaning or goes; a new field does not change it.
const schemaVersion = 1

// The types below are the contract: tags and schema.json are compared by a test. No list is ever null.
type jsonInventory struct {
	Version      int               `json:"version"`
	Now          string            `json:"now"`
	Summary      Counts            `json:"summary"`
	Incomplete   bool              `json:"incomplete"`
	Certificates []jsonCertificate `json:"certificates"`
	Holders      []jsonHolder      `json:"holders"`
	Consumers    []jsonConsumer    `json:"consumers"`
}

type jsonCertificate struct {
	Fingerprint        string           `json:"fingerprint"`
	Name               string           `json:"name"`
	Subject            string           `json:"subject"`
	Issuer             string           `json:"issuer"`
	SerialNumber       string           `json:"serialNumber"`
	DNSNames           []string         `json:"dnsNames"`
	IPAddresses        []string         `json:"ipAddresses"`
	URIs               []string         `json:"uris"`
	Authority          bool             `json:"authority"`
	SelfSigned         bool             `json:"selfSigned"`
	KeyType            string           `json:"keyType"`
	KeyBits            int              `json:"keyBits"`
	SignatureAlgorithm string           `json:"signatureAlgorithm"`
	NotBefore          string           `json:"notBefore"`
	NotAfter           string           `json:"notAfter"`
	DaysLeft           int              `json:"daysLeft"`
	Validity           string           `json:"validity"`
	Holders            []jsonHolderName `json:"holders"`
	IssuedBy           []string         `json:"issuedBy"`
	Issued             []string         `json:"issued"`
	VerifiedBy         []string         `json:"verifiedBy"`
	UsedBy             []jsonUse        `json:"usedBy"`
}

type jsonObject struct {
	Group     string `json:"group"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Root      string `json:"root"`
}

type jsonHolderName struct {
	Object jsonObject `json:"object"`
	Key    string     `json:"key"`
}

type jsonHolder struct {
	jsonHolderName
	File         string      `json:"file"`
	Line         int         `json:"line"`
	State        State       `json:"state"`
	Words        string      `json:"words"`
	Producer     *jsonObject `json:"producer"`
	Signer       *jsonObject `json:"signer"`
	Certificates []string    `json:"certificates"`
	UsedBy       []jsonUse   `json:"usedBy"`
}

type jsonUse struct {
	Consumer jsonObject `json:"consumer"`
	Holder   jsonObject `json:"holder"`
	Key      string     `json:"key"`
	Role     string     `json:"role"`
	Title    string     `json:"title"`
	Kind     string     `json:"kind"`
	Usage    string     `json:"usage"`
	Paths    []string   `json:"paths"`
	InForce  bool       `json:"inForce"`
	// Without is what the consumer does if it goes away; empty where it is not in force.
	Without string `json:"without"`
}

type jsonConsumer struct {
	Object jsonObject   `json:"object"`
	File   string       `json:"file"`
	Line   int          `json:"line"`
	Behind []jsonObject `json:"behind"`
}

// WriteJSON writes everything, as schema.json describes it.
func (v *Inventory) WriteJSON(w io.Writer) error {
	doc := jsonInventory{
		Version: schemaVersion, Now: instant(v.Now), Summary: v.Counts(), Incomplete: v.Incomplete,
		Certificates: each(v.Certificates, v.certificateToJSON), Holders: each(v.Holders, holderToJSON),
		Consumers: each(v.Consumers, func(c *Consumer) jsonConsumer {
			return jsonConsumer{Object: objectToJSON(c.Object), File: c.At.File, Line: c.At.Line, Behind: each(c.Behind, objectToJSON)}
		}),
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(doc); err != nil {
		return fmt.Errorf("trust inventory: %w", err)
	}
	_, err := w.Write(report.WritableJSON(b.Bytes()))
	return err
}

func (v *Inventory) certificateToJSON(c *Certificate) jsonCertificate {
	const day = 24 * 60 * 60
	return jsonCertificate{
		Fingerprint: c.Hash, Name: c.Name, Subject: c.Subject, Issuer: c.Issuer, SerialNumber: c.SerialNumber,
		DNSNames: each(c.DNSNames, same), IPAddresses: each(c.IPAddresses, same), URIs: each(c.URIs, same),
		Authority: c.Authority(), SelfSigned: c.SelfSigned, KeyType: c.KeyType, KeyBits: c.KeyBits, SignatureAlgorithm: c.SignatureAlgorithm,
		NotBefore: instant(c.NotBefore), NotAfter: instant(c.NotAfter), Validity: c.Validity(v.Now),
		// A duration would not do: certificates without an end end in the year 9999.
		DaysLeft: int(math.Floor(float64(c.NotAfter.Unix()-v.Now.Unix()) / day)),
		Holders: each(c.Holders, func(h *Holder) jsonHolderName {
			return jsonHolderName{objectToJSON(h.Object), h.Key}
		}),
		IssuedBy: fingerprints(c.IssuedBy), Issued: fingerprints(c.Issued), VerifiedBy: fingerprints(c.VerifiedBy), UsedBy: each(c.Uses, func(u *Use) jsonUse { return useToJSON(u, c) }),
	}
}

func holderToJSON(h *Holder) jsonHolder {
	return jsonHolder{
		jsonHolderName: jsonHolderName{objectToJSON(h.Object), h.Key}, File: h.At.File, Line: h.At.Line, State: h.State, Words: h.Words,
		Producer: optional(h.Producer), Signer: optional(h.Signer), Certificates: fingerprints(h.Certificates), UsedBy: each(h.Uses, func(u *Use) jsonUse { return useToJSON(u, nil) }),
	}
}

func useToJSON(u *Use, of *Certificate) jsonUse {
	return jsonUse{
		Consumer: objectToJSON(u.Consumer.Object), Holder: objectToJSON(u.Holder.Object), Key: u.Holder.Key, Role: u.Role, Title: u.Title,
		Kind: u.Kind, Usage: u.Usage, Paths: each(u.Paths, same), InForce: !u.Idle, Without: u.Without(of),
	}
}

func objectToJSON(o Object) jsonObject {
	return jsonObject{Group: o.Group, Kind: o.Kind, Namespace: o.Namespace, Name: o.Name, Root: o.Root}
}

func optional(o Object) *jsonObject {
	if o.Kind == "" {
		return nil
	}
	made := objectToJSON(o)
	return &made
}

func fingerprints(list []*Certificate) []string {
	return each(list, func(c *Certificate) string { return c.Hash })
}

func same(s string) string { return s }

// each never returns nil, so that a list without elements is [] in the output.
func each[From, To any](from []From, f func(From) To) []To {
	to := make([]To, len(from))
	for i, v := range from {
		to[i] = f(v)
	}
	return to
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
