package morning

import (
	"fmt"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/work/agency"
	"fifthcall/daemon/work/reports"
)

// briefAgency puts the figures of all desks into a lead's mail, and at the month's end the companies that are red.
func briefAgency(r *book.Runner, env desk.Env, b *brief) error {
	if !r.Current().Cfg.Lead || len(r.Peers) == 0 {
		return nil
	}
	monthEnd := env.AddWorkdays(env.Today(), 1).Month != env.Today().Month
	named := 0
	for _, d := range append([]*book.Runner{r}, r.Peers...) {
		err := reports.Share(d, env.Now, func(s *book.Shared) {
			line := d.Name + ":"
			for _, f := range agency.SharedFigures {
				line += fmt.Sprintf(" %g %s,", s.Figures[f.Name], strings.ToLower(f.Label))
			}
			b.agency = append(b.agency, fmt.Sprintf("%s %d red, %s", line, len(s.Red), desk.Plural(s.Late, "late order")))
			if d == r || !monthEnd { // the lead's own stand in the month's section
				return
			}
			for _, name := range s.Red[:min(len(s.Red), agency.MostRed-named)] {
				b.agency = append(b.agency, "red: "+name+" ("+d.Name+")")
				named++
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
