// Writes a database of Trivy with one vulnerability, in the schema of https://github.com/aquasecurity/trivy-db: main FILE
package main

import (
	"log"
	"os"

	"go.etcd.io/bbolt"
)

const source = "npm::GitHub Security Advisory npm"

var values = []struct {
	buckets    []string
	key, value string
}{
	{[]string{"data-source"}, source, `{"ID":"ghsa","Name":"GitHub Security Advisory npm","URL":"https://github.com/advisories?query=type%3Areviewed+ecosystem%3Anpm"}`},
	{[]string{source, "lodash"}, "CVE-2021-23337", `{"PatchedVersions":["4.17.21"],"VulnerableVersions":["\u003c4.17.21"]}`},
	{[]string{"vulnerability"}, "CVE-2021-23337", `{"Title":"Command Injection in lodash","Description":"All versions before 4.17.21 are vulnerable.","Severity":"HIGH","VendorSeverity":{"ghsa":3},"CweIDs":["CWE-94"],"References":["https://nvd.nist.gov/vuln/detail/CVE-2021-23337"]}`},
}

func main() {
	db, err := bbolt.Open(os.Args[1], 0o644, nil)
	if err == nil {
		err = db.Update(write)
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		log.Fatal(err)
	}
}

func write(tx *bbolt.Tx) error {
	for _, one := range values {
		bucket, err := tx.CreateBucketIfNotExists([]byte(one.buckets[0]))
		for _, name := range one.buckets[1:] {
			if err == nil {
				bucket, err = bucket.CreateBucketIfNotExists([]byte(name))
			}
		}
		if err == nil {
			err = bucket.Put([]byte(one.key), []byte(one.value))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
