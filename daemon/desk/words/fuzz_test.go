package words

import (
	"testing"

	"fifthcall/daemon/desk"
)

func FuzzCommands(f *testing.F) {
	for _, s := range []string{"1 spoke, keen, call 2w", "1-3 na tomorrow 10am / 4 vm", "Jane Doe: left voicemail", "job: x @ y", "scrap that 3 was vm", "JO7 fee 22%", "?", "call 31 June", "new: A <a@b.example>, dm"} {
		f.Add(s)
	}
	g := Grammar{Now: testGrammar().Now, Zone: testGrammar().Zone, Languages: Languages()}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range ParseCommands(s, g) {
			if c.Verb == "" || !c.Next.IsZero() && c.Next.Date.Before(desk.Date{Year: 2026, Month: 3, Day: 2}) {
				t.Fatalf("%q gives %+v", s, c)
			}
		}
	})
}
