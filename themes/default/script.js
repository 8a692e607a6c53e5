(d=>{
const c=d.getElementById("clock"),z=c.dataset,l=d.documentElement.lang,$=s=>[...d.querySelectorAll(s)],
o=x=>new Intl.DateTimeFormat(l,{timeZone:z.zone,numberingSystem:z.digits,...x}),
clock=o({timeStyle:"short"}),date=o({dateStyle:"long"}),weekday=o({weekday:"short"}),near=o({day:"numeric",month:"short"}),
iso=new Intl.DateTimeFormat("en-CA",{timeZone:z.zone}),
zone=new Intl.DateTimeFormat("en",{timeZone:z.zone,timeZoneName:"shortOffset"}),
ago=new Intl.RelativeTimeFormat(l,{style:"short",numberingSystem:z.digits}),
day=t=>Date.parse(iso.format(t))/864e5,
folio=d.querySelector(".folio time"),
ages=$("time[data-age]").map(e=>({e,at:Date.parse(e.dateTime),said:e.textContent,card:e.closest(".age")})),
bdi=d.createElement("bdi"),when=d.createElement("span"),text=d.createTextNode("");
bdi.dir="ltr";when.className="date";c.replaceChildren(text,bdi,when);
const tick=()=>{
const now=Date.now(),offset=zone.formatToParts(now).find(p=>p.type=="timeZoneName").value.slice(3)||"+0";
text.data=clock.format(now)+" "+z.gmt+" ";
bdi.textContent=offset.replace(/\d/g,n=>new Intl.NumberFormat(l,{numberingSystem:z.digits}).format(n));
when.textContent=folio&&folio.dateTime==iso.format(now)?"":" · "+date.format(now);
ages.forEach(a=>{
const m=Math.floor((now-a.at)/6e4),young=m>=0&&m<720,days=day(now)-day(a.at);
const said=young?m<60?ago.format(-m,"minute"):ago.format(-Math.floor(m/60),"hour"):"";
if(a.card)a.e.textContent=said||(folio&&days>0?days<7?weekday.format(a.at):days<300?near.format(a.at):a.said:a.said);
else{if(!a.s){a.s=d.createElement("span");a.s.className="ago";a.e.after(a.s)}a.s.textContent=said}});
setTimeout(tick,6e4-now%6e4)};
tick();
$("[data-old]").forEach(e=>{e.hidden=Date.now()-Date.parse(e.dataset.old)<31536e6});
if(navigator.clipboard)$("[data-copy]").forEach(b=>{b.hidden=false;
b.onclick=()=>navigator.clipboard.writeText(b.dataset.copy).then(()=>{b.nextElementSibling.textContent=b.dataset.done})});
if(navigator.share)$('a[href^="mailto:?"]').forEach(a=>{
a.onclick=e=>{e.preventDefault();navigator.share({title:d.title,url:d.querySelector("link[rel=shortlink]").href}).catch(()=>{})}})
})(document)
