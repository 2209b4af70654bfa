package store

// The kinds of records that say for themselves how they are taken back; an image's key begins with one (doc.go names all).
const (
	KindContact   = "c"
	KindTouch     = "t"
	KindCallback  = "k"
	KindInterview = "e"
	KindCall      = "p"
	KindEnrolment = "l"
	KindOutgoing  = "o"
	KindOrder     = "r"
	KindRecord    = "j"
	KindMerge     = "umerge-"
)
