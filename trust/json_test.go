package trust

import (
	"testing"

	"github.com/tlsward/tlsward/report/schematest"
)

// TestSchemaNamesEveryField: the schema and the structs are one contract.
func TestSchemaNamesEveryField(t *testing.T) {
	schematest.Compare(t, Schema, map[string]any{
		schematest.Root: jsonInventory{}, "summary": Counts{}, "object": jsonObject{}, "holderName": jsonHolderName{}, "use": jsonUse{},
		"certificate": jsonCertificate{}, "holder": jsonHolder{}, "consumer": jsonConsumer{},
	}, "fingerprint")
}
