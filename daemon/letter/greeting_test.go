package letter

import "testing"

// TestFirstNames: a letter greets by the first name, however an address book sorts it.
func TestFirstNames(t *testing.T) {
	for name, want := range map[string]string{
		"Bell, Ann": "Ann", "O'Neill, Sean": "Sean", "van der Berg, Piet": "Piet", "Li, Wei": "Wei", "Ann Bell": "Ann", "Dr. Ann Bell": "Ann", "Ann Bell, PhD": "Ann", "Prof. Dr. Eva Groß": "Eva",
		"García López, María José": "María", "Bell": "Bell", "": "",
	} {
		if got := FirstName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
