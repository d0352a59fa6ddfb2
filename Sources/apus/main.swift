import Bytes
let x: ByteString = "abc"
print((x + "def" + ByteString(decimal: -42)).description + "\(x.unsignedDecimal ?? 7)")
