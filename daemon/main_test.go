package daemon

import (
	"flag"
	"os"
	"testing"

	"fifthcall/mailbox/mailtest"
)

// TestMain has the property tests draw less than usual, unless the command line says how much: each draw opens a store several times.
func TestMain(m *testing.M) {
	flag.Parse()
	checks := flag.Lookup("rapid.checks").Value
	if checks.String() == flag.Lookup("rapid.checks").DefValue {
		n := "5"
		if mailtest.Long() {
			n = "25"
		}
		if err := checks.Set(n); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
