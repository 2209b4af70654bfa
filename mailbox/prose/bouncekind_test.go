package prose

import "testing"

// What a server finds wrong with the sender, his greeting or his signature says nothing against the address written to, whatever code it
// uses and whatever "does not exist".
func TestSendersFaultsAreSoft(t *testing.T) {
	for _, words := range []string{
		"554 5.7.1 <mx.firm.example>: Helo command rejected: Host not found",
		"550 5.1.1 <mx.firm.example>: Helo command rejected: need fully-qualified hostname",
		"550 HELO name does not exist",
		"550 EHLO host unknown",
		"550 MAIL FROM domain does not exist",
		"550 5.1.1 sender domain has no MX record",
		"550 Rejected: sender's host name could not be found",
		"550 5.1.1 DKIM signature does not exist",
		"550 5.1.0 Address rejected by policy",
	} {
		if RefusedForGood(words) {
			t.Errorf("%q marks the address", words)
		}
	}
	for _, words := range []string{
		"550 5.1.1 <lea@acme.example>: Recipient address rejected: User unknown",
		"550 5.1.1 The email account that you tried to reach does not exist",
		"550 no such user here",
	} {
		if !RefusedForGood(words) {
			t.Errorf("%q leaves the address as it is", words)
		}
	}
}
