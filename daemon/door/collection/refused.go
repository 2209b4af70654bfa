package collection

// What is refused to a client, told to the recruiter: programs show little of a refusal.

import (
	"context"
	"errors"
	"regexp"

	"fifthcall/calendar"
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// refusedWhy says of what was refused why, and what to do.
var refusedWhy = []struct {
	err  error
	text string
}{
	{calendar.ErrRecurs, "it repeats, and a call is one call: put each as an event of its own"},
	{calendar.ErrComponent, "it is a task or a list, and only single events can lie there: put an event, or say it by mail"},
	{calendar.ErrNoStart, "its time can't be read, or is years away"},
	{calendar.ErrTooLarge, "it is too large"},
}

// tellRefused tells in the morning of what a client put into a collection and was refused, once for each thing.
func tellRefused(ctx context.Context, r *book.Runner, coll string, data []byte, why error) error {
	for _, x := range refusedWhy {
		if !errors.Is(why, x.err) {
			continue
		}
		what := "An entry"
		if m := summaryRE.FindSubmatch(data); m != nil {
			what = "“" + desk.Shorten(desk.Tidy(string(m[1])), 80) + "”"
		}
		return r.UpdateAt(ctx, r.Clock(), func(tx *store.Tx, env desk.Env) error {
			return tx.AddNews(desk.News{ID: "refused-" + desk.ShortHash(coll, what, x.text), Time: env.Now, Kind: desk.NewsHint,
				Text: what + ", which you put into the calendar “" + collectionLooks[coll].title + "”, was not taken: " + x.text + ". Nothing was changed."})
		})
	}
	return nil
}

// summaryRE finds a title in data that couldn't be read as a whole.
var summaryRE = regexp.MustCompile(`(?im)^SUMMARY[^:\r\n]*:([^\r\n]{1,300})`)
