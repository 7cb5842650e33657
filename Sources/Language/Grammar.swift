package enum Grammar { package static let text = "" }
