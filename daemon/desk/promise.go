package desk

// Promise is a call that a candidate was owed: one agreed on, or one back.
type Promise struct {
	Contact *Contact
	Touch   Touch // that made it
	Due     Date
	Done    *Touch // that kept it, nil for none yet
}

// Promises are the calls owed to a contact by its log: each agreed date, and each call or message of theirs that reached nobody, which is
// owed by the end of the next working day. It is kept by the next call of ours, whether it reached them or not.
func Promises(env Env, c *Contact, ts []Touch) []Promise {
	var out []Promise
	for i, t := range ts {
		p := Promise{Contact: c, Touch: t}
		switch {
		case !t.Next.IsZero():
			p.Due = t.Next.Date
		case t.Direction == In && (t.Channel == ChannelCall || t.Channel == ChannelVoicemail) && t.Kind != KindConversation:
			p.Due = env.AddWorkdays(DateOf(t.Time.In(env.Zone)), 1)
		default:
			continue
		}
		for j := i + 1; j < len(ts); j++ {
			x := &ts[j]
			if x.Direction == Out && (x.Channel == ChannelCall || x.Channel == ChannelVoicemail || x.Kind == KindConversation) {
				p.Done = x
				break
			}
			if !x.Next.IsZero() { // another date was agreed in its place
				p.Done = x
				break
			}
		}
		out = append(out, p)
	}
	return out
}
