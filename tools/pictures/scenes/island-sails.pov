// print: size=1920x720 key=#1d2c3a spot=#e0a21b seed=101
// The fleet heels round the south point of the island; the nearest boat is cut by the frame.
#declare Seed=45; #declare Haze=1500; #declare HazeTop=20; #declare SunX=.8; #declare SunY=.6; #declare SunZ=-.35; #declare SkyLow=.60; #declare SkyHigh=.30; #declare SkyBand=.30; #declare Fill=.25; #declare Ambient=.16;
#include "kit.inc"
#declare Eye=<0,7.5,-60>;
camera{location Eye look_at Eye+<.0,-.062,1> right x*image_width/image_height angle 54}
Cloud(-20,3.6,8,T4) Cloud(-6,5.4,11,T4) Cloud(9,4.2,7,T4) Cloud(21,6.2,9,T4) Cloud(-30,6.4,7,T4) Cloud(2,2.8,5,T4)
#declare Sea=function(a,b){sin(a*.16+b*.10)*.40+sin(a*.33-b*.21+1)*.26+sin(a*.11+b*.42+2)*.25+abs(sin(a*.55+b*.34))*.30-.15+sin(a*1.1-b*.7)*.10+sin(a*1.9+b*1.3)*.05}
Swell(Sea,1.7,-420,-59,420,760,900,.09)
// The island: two cut sheets, a village, a church.
Ridge(-190,150,620,34,2.9,.11) Ridge(-60,330,560,26,.6,.16)
Row(30,95,545,5,9,.5,0) object{Spire(26,.12) translate<58,4,552>} object{Spire(16,.2) translate<-96,20,640>}
// A sloop close-hauled: heel in degrees, the mainsail bellied.
#macro Sloop(L,heel,hull,cloth)
union{ Hull(L,L*.28,L*.085,.45,hull)
  Bar(<.06*L,0,0>,<.02*L,L*1.38,0>,L*.009)
  #local n=9; #local i=0;
  #while(i<n) #local a=i/n; #local b=(i+1)/n; #local j=0;
    #while(j<5) #local c=j/5; #local d=(j+1)/5;
      // main: luff along the mast, foot along the boom
      union{ triangle{Main(a,c),Main(b,c),Main(b,d)} triangle{Main(a,c),Main(b,d),Main(a,d)} triangle{Jib(a,c),Jib(b,c),Jib(b,d)} triangle{Jib(a,c),Jib(b,d),Jib(a,d)}
        #if (cloth<0) SpotTone(.92) #else Tone(cloth) #end}
    #local j=j+1; #end
  #local i=i+1; #end
  Bar(<.05*L,L*.17,0>,<-.44*L,L*.17,L*.10>,L*.010)
  union{Bar(<.02*L,L*1.36,0>,<.50*L,L*.12,0>,L*.0025) Bar(<.02*L,L*1.36,0>,<-.49*L,L*.10,0>,L*.0022)}
  #local i=0; #while(i<4) sphere{0,L*.024 scale<.8,1.3,.8> translate<(-.28+i*.075)*L,L*.135,-L*.10> Tone(.01)} #local i=i+1; #end
  Tone(.01) rotate x*heel}
#end
#macro Main(a,c) (<.045-a*.03-(1-a)*.47*c+.02*a*c, .18+a*1.16, sin(c*pi*.8)*.075*(1-a)+.10*c*(1-a)>*L) #end
#macro Jib(a,c) (<.50-.46*a-(1-a)*.38*c, .13+a*1.02-.02*c, sin(c*pi*.8)*.07*(1-a)+.07*c*(1-a)>*L) #end
#declare i=0;
#while(i<9)
  #declare px=array[9]{-22.5,-18,-8,3,14.5,28,44,62,86}; #declare pz=array[9]{-18,4,16,26,44,60,84,110,150};
  union{ object{Sloop(11.5+(i=0)*1.5,Between(20,29),.02,(i=1?-1:.80))} rotate y*Between(-46,-36) translate<px[i],.3,pz[i]>}
  #if (Plate=1) #declare k=0; #while(k<60) #declare f=Loose(-5.6,5.4); sphere{0,Loose(.05,.20) scale<2.2,.8,1> translate<px[i]+f*.75,.2+Loose(0,.45)*(f>3?2:1),pz[i]+f*.66-Loose(.8,1.8)> no_shadow Flat(T4)} #declare k=k+1; #end #end
#declare i=i+1; #end
union{object{Buoy(3.4,.02)} rotate z*-14 translate<24,.2,-8>}
#declare i=0; #while(i<9) Gull(<Between(-26,30),Between(10,15),Between(-20,10)>,Between(.5,.8),Between(-35,35),.02) #declare i=i+1; #end
